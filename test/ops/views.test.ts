import { testOps } from '../opspec/suite.js'
import { specs } from './views.spec.js'

testOps(specs)
