import { testOps } from '../opspec/suite.js'
import { specs } from './optimize.spec.js'

testOps(specs)
