import { testOps } from '../opspec/suite.js'
import { specs } from './adamFamily.spec.js'

testOps(specs)
