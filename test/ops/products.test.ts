import { testOps } from '../opspec/suite.js'
import { specs } from './products.spec.js'

testOps(specs)
