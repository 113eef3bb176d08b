//! A stack machine in the manner of a scripting language's: a loop, a match, a stack in memory.

#[derive(Clone, Copy)]
enum Op {
    Push(u32),
    Load(u8),
    Store(u8),
    Add,
    Multiply,
    Halve,
    IsOdd,
    Less,
    Jump(u8),
    JumpUnless(u8),
    Halt,
}

/// Variables: the start, the number reached, all steps so far. The first start is on the stack.
const COLLATZ: [Op; 34] = [
    Op::Store(0),
    // 1: while start is not 0
    Op::Load(0),
    Op::JumpUnless(32),
    Op::Load(0),
    Op::Store(1),
    // 5: while 1 < number
    Op::Push(1),
    Op::Load(1),
    Op::Less,
    Op::JumpUnless(27),
    Op::Load(2),
    Op::Push(1),
    Op::Add,
    Op::Store(2),
    Op::Load(1),
    Op::IsOdd,
    Op::JumpUnless(23),
    // 16: odd
    Op::Load(1),
    Op::Push(3),
    Op::Multiply,
    Op::Push(1),
    Op::Add,
    Op::Store(1),
    Op::Jump(5),
    // 23: even
    Op::Load(1),
    Op::Halve,
    Op::Store(1),
    Op::Jump(5),
    // 27: the next start
    Op::Load(0),
    Op::Push(u32::MAX),
    Op::Add,
    Op::Store(0),
    Op::Jump(1),
    // 32
    Op::Load(2),
    Op::Halt,
];

/// The steps of all Collatz paths that start at `most` or below.
pub fn collatz_steps(most: u32) -> u32 {
    run(&COLLATZ, most)
}

fn run(program: &[Op], argument: u32) -> u32 {
    let mut stack = [0_u32; 16];
    let mut variables = [0_u32; 4];
    let mut top = 1;
    let mut at = 0;
    stack[0] = argument;
    loop {
        let op = program[at];
        at += 1;
        match op {
            Op::Push(value) => {
                stack[top] = value;
                top += 1;
            }
            Op::Load(variable) => {
                stack[top] = variables[variable as usize];
                top += 1;
            }
            Op::Store(variable) => {
                top -= 1;
                variables[variable as usize] = stack[top];
            }
            Op::Add => {
                top -= 1;
                stack[top - 1] = stack[top - 1].wrapping_add(stack[top]);
            }
            Op::Multiply => {
                top -= 1;
                stack[top - 1] = stack[top - 1].wrapping_mul(stack[top]);
            }
            Op::Halve => stack[top - 1] /= 2,
            Op::IsOdd => stack[top - 1] %= 2,
            Op::Less => {
                top -= 1;
                stack[top - 1] = (stack[top - 1] < stack[top]) as u32;
            }
            Op::Jump(to) => at = to as usize,
            Op::JumpUnless(to) => {
                top -= 1;
                if stack[top] == 0 {
                    at = to as usize;
                }
            }
            Op::Halt => return stack[top - 1],
        }
    }
}
