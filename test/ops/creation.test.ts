import { testOps } from '../opspec/suite.js'
import { specs } from './creation.spec.js'

testOps(specs)
