import { testOps } from '../opspec/suite.js'
import { specs } from './arithmetic.spec.js'

testOps(specs)
