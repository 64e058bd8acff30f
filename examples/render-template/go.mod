module render-template

go 1.19

require aisopod/plugin v0.0.0

replace aisopod/plugin => ../../sdk/go
