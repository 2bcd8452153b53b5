-- Lua twin of core_mandel.mmm: lua core_mandel.lua FRAMES [--csv]
-- The loops are while loops: that is how one writes them in Lua, and it is the faster form.
local function escape(cr, ci)
    local zr, zi, n = 0.0, 0.0, 0.0
    while n < 50.0 do
        local rr, ii = zr * zr, zi * zi
        if rr + ii > 4.0 then return n end
        zr, zi, n = rr - ii + cr, 2.0 * zr * zi + ci, n + 1.0
    end
    return n
end

local now = 0.0
local function frame()
    local ci, sum, x = -1.0 + (now % 100.0) * 0.02, 0.0, 0.0
    while x < 152.0 do
        sum = sum + escape(-2.0 + x * 0.02, ci)
        x = x + 1.0
    end
    now = now + 1.0
    return sum
end

dofile((arg[0]:gsub("[^/]*$", "")) .. "twin.lua")(frame)
