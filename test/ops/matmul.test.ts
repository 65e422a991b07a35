import { testOps } from '../opspec/suite.js'
import { specs } from './matmul.spec.js'

testOps(specs)
