import { testOps } from '../opspec/suite.js'
import { specs } from './convert.spec.js'

testOps(specs)
