-- Lua twin of core_tree.mmm: lua core_tree.lua FRAMES [--csv]
local function make(depth, first)
    if depth > 0.0 then
        local below = depth - 1.0
        return { left = make(below, first * 2.0), right = make(below, first * 2.0 + 1.0) }
    end
    return { leaf = first }
end
local function sum(tree)
    if tree.leaf then return tree.leaf end
    return sum(tree.left) + sum(tree.right)
end

local now = 0.0
local function frame()
    local v = sum(make(16.0, now % 2.0))
    now = now + 1.0
    return v
end

dofile((arg[0]:gsub("[^/]*$", "")) .. "twin.lua")(frame)
