/**
 * Tenths of years from a date of birth (YYYY-MM-DD) to now, rounded down: 358 for someone of 35 years and ten months.
 * In UTC. A year of life runs from birthday to birthday; who was born on 29 February has it on 1 March in common
 * years. A date still to come gives 0, no date at all undefined.
 */
export function tenthsOfYearsLived(dateOfBirth: string, now: Date): number | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(dateOfBirth)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const birthdayIn = (calendarYear: number) => Date.UTC(calendarYear, month - 1, day);

  const thisYear = now.getUTCFullYear();
  const lastYear = now.getTime() < birthdayIn(thisYear) ? thisYear - 1 : thisYear;
  if (lastYear < year) return 0;

  // Ten times the quotient, not a tenth of it: whole numbers in between keep the last digit exact.
  const [last, next] = [birthdayIn(lastYear), birthdayIn(lastYear + 1)];
  return (lastYear - year) * 10 + Math.floor((10 * (now.getTime() - last)) / (next - last));
}
