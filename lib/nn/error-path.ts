// Where in a model an error was thrown. Place in the whole: Module.call reports what passes through it; an operator's message says what is
// wrong, this adds in which module.
import { ExecutionError, SinterError } from '../errors.js'
import type { Module } from './module.js'

/** The innermost module that an error passed through; null once its message says so. */
const origins = new WeakMap<SinterError, Module | null>()

/**
 * Notes that `error` leaves `module`. Where that is the outermost module of the call, the message gets the path from there to the module
 * that threw, once: an error that is kept and thrown again stays as it is.
 */
export function leaving(module: Module, error: unknown, outermost: boolean): void {
  // What execution found was issued earlier than it is read, perhaps elsewhere.
  if (!(error instanceof SinterError) || error instanceof ExecutionError) return
  const origin = origins.get(error)
  if (origin === null) return
  if (!outermost) {
    if (origin === undefined) origins.set(error, module)
    return
  }
  origins.set(error, null)
  if (origin !== undefined && origin !== module) append(error, ` (in ${whereIn(module, origin)})`)
}

function whereIn(outermost: Module, origin: Module): string {
  const type = origin.constructor.name
  for (const [path, module] of outermost.namedModules())
    if (module === origin) return `${path}, ${article(type)} ${type} of ${outermost.constructor.name}`
  return `${article(type)} ${type} called by ${outermost.constructor.name}`
}

/** By how a name is spoken: an LSTM, a Linear, an Embedding, a UNet. */
const article = (type: string): string => (/^(?:[AEIO]|U[a-z]|[FHLMNRSX][A-Z])/.test(type) ? 'an' : 'a')

/** The stack, which is what Node prints of an uncaught error, begins with the message as it was. */
function append(error: SinterError, text: string): void {
  const { message, stack } = error
  error.message = message + text
  if (stack?.includes(message)) error.stack = stack.replace(message, () => error.message)
}
