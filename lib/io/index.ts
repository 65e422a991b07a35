// lib/io: files.
// Importing it gives tensors their methods too.
import '../ops/index.js'

export { writeFileAtomic, writeFolderAtomic } from './atomic.js'
export {
  parseSafetensorsHeader,
  type SafetensorsDType,
  type SafetensorsEntry,
  SafetensorsError,
  type SafetensorsErrorCode,
  type SafetensorsHeader,
} from './safetensors.js'
export {
  type LoadOptions,
  loadSafetensors,
  readSafetensorsHeader,
  type SaveOptions,
  saveSafetensors,
} from './safetensors-file.js'
