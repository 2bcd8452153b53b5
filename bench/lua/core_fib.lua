-- Lua twin of core_fib.mmm: lua core_fib.lua FRAMES [--csv]
local function fib(n) if n < 2.0 then return n else return fib(n - 1.0) + fib(n - 2.0) end end

local now = 0.0
local function frame()
    local v = fib(22.0 + now % 3.0)
    now = now + 1.0
    return v
end

dofile((arg[0]:gsub("[^/]*$", "")) .. "twin.lua")(frame)
