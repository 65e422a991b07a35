import { testOps } from '../opspec/suite.js'
import { specs } from './unary.spec.js'

testOps(specs)
