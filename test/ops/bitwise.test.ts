import { testOps } from '../opspec/suite.js'
import { specs } from './bitwise.spec.js'

testOps(specs)
