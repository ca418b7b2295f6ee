/** The maFiles in what was dropped: files as they are, folders with all that is below them. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // Entries must be taken before the first await: the transfer is emptied when the event is over.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  if (entries.length === 0) return [...transfer.files]
  const files = (await Promise.all(entries.map(filesOf))).flat()
  const inFolders = entries.some((entry) => entry.isDirectory)
  // A folder of maFiles has a manifest beside them; what was dropped by itself was meant.
  return inFolders ? files.filter((file) => /\.mafile$/i.test(file.name)) : files
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail))]
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const below: FileSystemEntry[] = []
  for (;;) {
    // A reader gives at most a hundred at a time.
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail))
    if (some.length === 0) break
    below.push(...some)
  }
  return (await Promise.all(below.map(filesOf))).flat()
}
