-- The common end of the Lua twins: runs frame() as often as the command line says and reports like the C twins do.
return function(frame)
    local frames = tonumber(arg[1]) or 10
    if arg[2] == "--csv" then
        for _ = 1, frames do print(string.format("%.17g", frame())) end
        return
    end
    local start, sink = os.clock(), 0.0
    for _ = 1, frames do sink = sink + frame() end
    print(string.format('{"frames":%d,"dsp_seconds":%.9f,"sink":%.17g}', frames, os.clock() - start, sink))
end
