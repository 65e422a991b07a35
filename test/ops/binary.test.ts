import { testOps } from '../opspec/suite.js'
import { specs } from './binary.spec.js'

testOps(specs)
