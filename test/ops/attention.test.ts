import { testOps } from '../opspec/suite.js'
import { specs } from './attention.spec.js'

testOps(specs)
