import { testOps } from '../opspec/suite.js'
import { specs } from './numbers.spec.js'

testOps(specs)
