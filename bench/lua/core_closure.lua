-- Lua twin of core_closure.mmm: lua core_closure.lua FRAMES [--csv]
local function make_counter()
    local n = 0.0
    return function()
        n = n + 1.0
        return n
    end
end
local count = make_counter()

local function repeat_calls(k, sum) if k > 0.0 then return repeat_calls(k - 1.0, sum + count()) else return sum end end

local function frame() return repeat_calls(20000.0, 0.0) end

dofile((arg[0]:gsub("[^/]*$", "")) .. "twin.lua")(frame)
