module aisopod/plugin

go 1.19
