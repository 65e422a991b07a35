import { testOps } from '../opspec/suite.js'
import { specs } from './similarity.spec.js'

testOps(specs)
