import { testOps } from '../opspec/suite.js'
import { specs } from './sort.spec.js'

testOps(specs)
