/**
 * Typed errors. Place in the whole: every room throws these; `code` is stable and documented, the message says what was
 * asked, what was found and what to do.
 */

export class SinterError extends Error {
  readonly code: string
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }
}

/** Shapes that do not fit the operator. */
export class ShapeError extends SinterError {
  constructor(message: string) {
    super('SINTER_SHAPE', message)
  }
}

/** An element type that the operator does not take. */
export class DTypeError extends SinterError {
  constructor(message: string) {
    super('SINTER_DTYPE', message)
  }
}

/** An argument outside what the function takes. */
export class ValueError extends SinterError {
  constructor(message: string) {
    super('SINTER_VALUE', message)
  }
}

/** Use of a tensor after `dispose()` or the end of its scope. */
export class DisposedError extends SinterError {
  constructor(message: string) {
    super('SINTER_DISPOSED', message)
  }
}

/** Misuse of automatic differentiation. */
export class AutogradError extends SinterError {
  constructor(message: string) {
    super('SINTER_AUTOGRAD', message)
  }
}

/** A device that is not there, or tensors on different devices. */
export class DeviceError extends SinterError {
  constructor(message: string) {
    super('SINTER_DEVICE', message)
  }
}

/** What only execution can find: memory ran out, an index was out of range. It reaches every result computed from it. */
export class ExecutionError extends SinterError {
  /** The operator that failed. */
  readonly op: string
  constructor(code: string, op: string, message: string, options?: ErrorOptions) {
    super(code, message, options)
    this.op = op
  }
}

/** An operator that the device of its operands has no form of: move them to 'cpu' first. It reaches every result computed from it. */
export class UnsupportedOnDeviceError extends ExecutionError {
  /** 'cuda:0', ... */
  readonly device: string
  constructor(op: string, device: string, message: string, options?: ErrorOptions) {
    super('SINTER_UNSUPPORTED_ON_DEVICE', op, message, options)
    this.device = device
  }
}

/** A paged cache has no room: free sequences, or wait until others end. Nothing was changed. */
export class OutOfBlocksError extends SinterError {
  /** Blocks that were asked for. */
  readonly needed: number
  /** Blocks that are free. */
  readonly free: number
  constructor(needed: number, free: number, blocks: number) {
    super(
      'SINTER_OUT_OF_BLOCKS',
      `PagedKvCache: ${needed} blocks needed, ${free} of ${blocks} free; free() sequences, or make a cache of more blocks`,
    )
    this.needed = needed
    this.free = free
  }
}

/** Anomaly mode found where a NaN first appeared. */
export class AnomalyError extends SinterError {
  /** The operator whose result, or gradient, holds it. */
  readonly op: string
  constructor(op: string, message: string) {
    super('SINTER_ANOMALY', message)
    this.op = op
  }
}

/** A gradient that is not the derivative. */
export class GradcheckError extends SinterError {
  constructor(message: string) {
    super('SINTER_GRADCHECK', message)
  }
}
