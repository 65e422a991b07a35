import { testOps } from '../opspec/suite.js'
import { specs } from './softmax.spec.js'

testOps(specs)
