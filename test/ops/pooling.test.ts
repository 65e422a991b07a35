import { testOps } from '../opspec/suite.js'
import { specs } from './pooling.spec.js'

testOps(specs)
