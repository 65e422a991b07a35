import { testOps } from '../opspec/suite.js'
import { specs } from './scatter.spec.js'

testOps(specs)
