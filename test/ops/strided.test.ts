import { testOps } from '../opspec/suite.js'
import { specs } from './strided.spec.js'

testOps(specs)
