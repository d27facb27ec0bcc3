const browsers: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];

const operatingSystems: [RegExp, string][] = [
  [/iPhone|iPad/, "iOS"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** "Firefox on Linux", from how a browser names itself; other programs by the first word they give. */
export function deviceName(userAgent: string): string {
  const program = browsers.find(([sign]) => sign.test(userAgent))?.[1];
  const system = operatingSystems.find(([sign]) => sign.test(userAgent))?.[1];
  if (program) return system ? `${program} on ${system}` : program;
  return userAgent.split(/[\s/]/)[0] || "Unknown device";
}
