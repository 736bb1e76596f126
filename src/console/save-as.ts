/** Gives a person a file to keep. */
export function saveAs(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then; the text would stay in memory otherwise.
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
