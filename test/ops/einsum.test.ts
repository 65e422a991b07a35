import { testOps } from '../opspec/suite.js'
import { specs } from './einsum.spec.js'

testOps(specs)
