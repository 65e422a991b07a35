import { testOps } from '../opspec/suite.js'
import { specs } from './norm.spec.js'

testOps(specs)
