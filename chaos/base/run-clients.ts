/**
 * Runs clients until the nemesis has ended. Rejects as soon as one of them or the nemesis fails; the others end
 * when the signal of the system under test aborts.
 */
export async function runClients(
  nemesis: () => Promise<unknown>,
  startClients: (isOver: () => boolean) => readonly Promise<unknown>[],
): Promise<void> {
  let isOver = false;
  const clients = startClients(() => isOver);
  const attack = async (): Promise<void> => {
    await nemesis();
    isOver = true;
  };
  await Promise.all([attack(), ...clients]);
}
