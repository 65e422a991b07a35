import { testOps } from '../opspec/suite.js'
import { specs } from './grouped.spec.js'

testOps(specs)
