/** Complex numbers and Fourier transforms. PyTorch's operators of OpInfo in Sinter's terms; see index.ts. */
import type { Mapping } from './mapping.js'

export const complex: Readonly<Record<string, Mapping>> = {}
