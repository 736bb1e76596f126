/** Asks again and again until `holds` says so; throws `what` when it does not within the time. For waiting on other processes. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 40_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`Not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
