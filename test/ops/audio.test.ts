import { testOps } from '../opspec/suite.js'
import { specs } from './audio.spec.js'

testOps(specs)
