import { testOps } from '../opspec/suite.js'
import { specs } from './conv.spec.js'

testOps(specs)
