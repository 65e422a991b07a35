import { testOps } from '../opspec/suite.js'
import { specs } from './linalg.spec.js'

testOps(specs)
