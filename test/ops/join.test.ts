import { testOps } from '../opspec/suite.js'
import { specs } from './join.spec.js'

testOps(specs)
