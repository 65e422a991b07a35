import { testOps } from '../opspec/suite.js'
import { specs } from './rearrange.spec.js'

testOps(specs)
