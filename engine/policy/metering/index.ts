// Fuel: compiled policies that end, whatever their rules and their input are.

export { fuelCounter, growthFuel, isMetered } from './fuel.ts';
export { meter } from './meter.ts';
