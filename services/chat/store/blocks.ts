import type { Tx } from "@plaza/kit/db/database";

export async function insertBlock(tx: Tx, userId: string, otherId: string): Promise<void> {
  await tx`insert into block ${tx({ userId, otherId })} on conflict do nothing`;
}

export async function deleteBlock(tx: Tx, userId: string, otherId: string): Promise<void> {
  await tx`delete from block where user_id = ${userId} and other_id = ${otherId}`;
}

export async function deleteBlocksOf(tx: Tx, userId: string): Promise<void> {
  await tx`delete from block where user_id = ${userId} or other_id = ${userId}`;
}
