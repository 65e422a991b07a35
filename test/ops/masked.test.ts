import { testOps } from '../opspec/suite.js'
import { specs } from './masked.spec.js'

testOps(specs)
