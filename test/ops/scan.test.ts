import { testOps } from '../opspec/suite.js'
import { specs } from './scan.spec.js'

testOps(specs)
