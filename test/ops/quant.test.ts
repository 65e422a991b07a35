import { testOps } from '../opspec/suite.js'
import { specs } from './quant.spec.js'

testOps(specs)
