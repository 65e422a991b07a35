import { testOps } from '../opspec/suite.js'
import { specs } from './groupNorm.spec.js'

testOps(specs)
